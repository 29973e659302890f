# compare.gp - bars of the engines for each class of queries, on a logarithmic axis.
#
#   gnuplot -c compare.gp DATA OUT svg|png TITLE ENGINES
#
# DATA has the names of the engines in its first line, then a class and its figures.
set encoding utf8
if (ARG3 eq "svg") {
	set terminal svg size 1000,480 dynamic background "white" font "sans-serif,13"
} else {
	set terminal png size 1000,480 font "sans,11"
}
set output ARG2
set title ARG4 noenhanced
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set logscale y
set grid ytics lc rgb "#cccccc"
set key outside right top noenhanced
set xtics noenhanced rotate by -20
set ylabel "µs"
# one hue an engine, told apart by the colour-blind too
array hue[8] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000"]
n = int(ARG5)
plot for [i = 2:n + 1] ARG1 using i:xtic(1) title columnheader(i) lc rgb hue[(i - 2) % 8 + 1]
