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
(a NEAR/5 c) AND (b NEAR/5 c)

c NEAR/5 (a AND b)
-
(c NEAR/5 a) AND (c NEAR/5 b)

(a b) ADJ/5 (c d)
-
((a ADJ/5 c) AND (a ADJ/5 d)) AND ((b ADJ/5 c) AND (b ADJ/5 d))

(a b) NEAR/5 c NEAR/5 d
-
(a NEAR/5 c NEAR/5 d) AND (b NEAR/5 c NEAR/5 d)

(a b) NEAR/5 c NEAR/3 d
-
((a NEAR/5 c) NEAR/3 d) AND ((b NEAR/5 c) NEAR/3 d)

(a OR (b c)) NEAR/5 d
-
(a NEAR/5 d) OR ((b NEAR/5 d) AND (c NEAR/5 d))

(a OR b) NEAR/5 c
-
(a OR b) NEAR/5 c

(a|b) NEAR/5 c
-
(a | b) NEAR/5 c

(a -b) NEAR/5 c
-
(a NEAR/5 c) AND NOT b

(a b -d) NEAR/5 c e
-
((a NEAR/5 c) AND (b NEAR/5 c) AND NOT d) AND e

c NEAR/5 (a MAYBE b)
-
(c NEAR/5 a) MAYBE b

(a AND date:2013..2014) NEAR/5 c
-
(a NEAR/5 c) AND date:2013..2014

(a OR date:2013..2014) NEAR/5 c
-
(a NEAR/5 c) OR (c AND date:2013..2014)

(a lang:zh) NEAR/5 (c path:laws/*)
-
((a NEAR/5 c) AND path:"laws/*") AND lang:zh

(a type:="x") NEAR/5 (b *)
-
((a NEAR/5 b) AND *) AND type:="x"

title:((a b) NEAR/5 c)
-
(title:a NEAR/5 title:c) AND (title:b NEAR/5 title:c)

type:((a b) NEAR/5 c)
-
(type:a NEAR/5 type:c) AND (type:b NEAR/5 type:c)

(a b)^2 NEAR/5 c
-
((a NEAR/5 c) AND (b NEAR/5 c))^2

a NEAR/5 (-b)
warn=1
a AND (NOT b)

(a title:b) NEAR/5 c
warn=1
(a AND title:b) AND c

a NEAR/5 lang:zh
warn=1
a AND lang:zh

a NEAR/5 b NEAR/5 lang:zh NEAR/5 c
warn=1
(a NEAR/5 b) AND lang:zh AND c

a NEAR b NEAR c NEAR d NEAR e NEAR f NEAR g NEAR h
-
a NEAR/10 b NEAR/10 c NEAR/10 d NEAR/10 e NEAR/10 f NEAR/10 g NEAR/10 h

a NEAR b NEAR c NEAR d NEAR e NEAR f NEAR g NEAR h NEAR i NEAR j NEAR/5 k
warn=1
a AND b AND c AND d AND e AND f AND g AND h AND i AND j AND k

a ADJ b ADJ c ADJ d ADJ e ADJ f ADJ g ADJ h ADJ i
-
a ADJ/10 b ADJ/10 c ADJ/10 d ADJ/10 e ADJ/10 f ADJ/10 g ADJ/10 h ADJ/10 i

a NEAR/5 b OR a NEAR b NEAR c NEAR d NEAR e NEAR f NEAR g NEAR h NEAR i
warn=1
(a NEAR/5 b) OR (a AND b AND c AND d AND e AND f AND g AND h AND i)

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

