a NEAR b
-
a NEAR/10 b

a NEAR/5 b
-
a NEAR/5 b

a ADJ b
-
a ADJ/10 b

a ADJ/3 b
-
a ADJ/3 b

a w/5 b
-
a NEAR/5 b

a W/5 b
-
a NEAR/5 b

a pre/5 b
-
a ADJ/5 b

a w/o b
-
a AND ~"w o" AND b

a NEAR/5 b NEAR/5 c
-
a NEAR/5 b NEAR/5 c

a NEAR/5 b NEAR/3 c
-
(a NEAR/5 b) NEAR/3 c

a NEAR/5 b ADJ/5 c
-
(a NEAR/5 b) ADJ/5 c

a NEAR/5 (b ADJ/5 c)
-
a NEAR/5 (b ADJ/5 c)

a b NEAR/5 c d
-
a AND (b NEAR/5 c) AND d

a NEAR/5 b OR c
-
(a NEAR/5 b) OR c

(a OR b) NEAR/5 "c d"
-
(a OR b) NEAR/5 "c d"

(a b) NEAR/5 c
-
(a NEAR/5 b) NEAR/5 c

-a NEAR/5 b
warn=1
b AND NOT a

a NEAR/5 -b
warn=1
a AND NOT b

a NEAR/5 date:2013..2014
warn=1
a AND date:2013..2014

title:a NEAR/5 b
warn=1
title:a AND b

title:(a NEAR/5 b)
-
title:a NEAR/5 title:b

a NEAR/0 b
-
a NEAR/1 b

a NEAR/99999999999 b
warn=1
a NEAR/1000000 b

NEAR a
warn=1
a

a NEAR
warn=1
a

a NEAR/b c
-
a AND ~"near b" AND c

a near/5 b
-
a AND ~"near 5" AND b

a /s b
warn=1
a AND b

a w/p b
warn=1
a AND b

