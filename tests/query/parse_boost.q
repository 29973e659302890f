word^2
-
word^2

word^0.5
-
word^0.5

word^.5
-
word^0.5

word^1
-
word

"a b"^2
-
"a b"^2

(a b)^2
-
(a AND b)^2

(a^2)^3
-
a^6

((a)^2)^3
-
a^6

(a OR b)^0
-
(a OR b)^0

word^
-
word

word^x
-
~"word x"

word^-1
-
~"word 1"

x^99999999999
warn=1
x^1e+06

word^1e-3
-
word^0.001

govern*^2
-
govern*^2

*^2 a
-
*^2 AND a

*:*^0.5
-
*^0.5

f:(a) AND *^x
-
f:a AND x

((word^1000)^1000)^1000
warn=1
word^1e+06

