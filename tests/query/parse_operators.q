a AND b
-
a AND b

a OR b
-
a OR b

a OR b c
-
a OR (b AND c)

a b OR c d
-
(a AND b) OR (c AND d)

(a OR b) c
-
(a OR b) AND c

a || b
-
a OR b

a && b
-
a AND b

a NOT b
-
a AND NOT b

a -b
-
a AND NOT b

a !b
-
a AND NOT b

-a
-
NOT a

NOT a
-
NOT a

NOT (a OR b)
-
NOT (a OR b)

NOT NOT a
-
a

a AND NOT b OR c
-
(a AND NOT b) OR c

+a b
-
a AND b

+a +b
-
a AND b

a+b
-
~"a b"

R&D
-
r&d

a | b
-
(a | b)

(a | b) c
-
(a | b) AND c

(a b | c)
-
(a AND b) OR c

(title:a | b)
-
title:a OR b

a MAYBE b
-
a MAYBE b

a MAYBE b c MAYBE d
-
a MAYBE (b AND c) MAYBE d

((a))
-
a

a (b (c OR d))
-
a AND (b AND (c OR d))

*
-
*

*:*
-
*

NOT *
-
NOT *

* NOT *
-
* AND NOT *

OR(a)
warn=1
a

a AND (b)
-
a AND b

NOT(a)
-
NOT a

a AND
warn=1
a

AND a
warn=1
a

a AND OR b
warn=1
a OR b

a OR
warn=1
a

NOT
warn=1
NOT *

a )
warn=1
a

( a
warn=1
a

()
warn=1
NOT *

a () b
warn=1
a AND b

