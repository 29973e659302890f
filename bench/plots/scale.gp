# scale.gp - a figure by the number of documents, a line an engine, both axes logarithmic.
#
#   gnuplot -c scale.gp DATA OUT svg|png TITLE AXIS ENGINES
#
# DATA has a block an engine: its name in quotes, then lines of documents and figure.
set encoding utf8
if (ARG3 eq "svg") {
	set terminal svg size 720,480 dynamic background "white" font "sans-serif,13"
} else {
	set terminal png size 720,480 font "sans,11"
}
set output ARG2
set title ARG4 noenhanced
set logscale xy
set format x "10^{%T}"
set xlabel "documents"
set ylabel ARG5 noenhanced
set grid lc rgb "#cccccc"
set key left top noenhanced
array hue[8] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000"]
n = int(ARG6)
plot for [i = 0:n - 1] ARG1 index i using 1:2 title columnheader(1) with linespoints lw 2 pt i + 4 lc rgb hue[i % 8 + 1]
