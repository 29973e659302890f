supply NEAR/5 chain
-
supply NEAR/5 chain

supply -chain
-
supply AND NOT chain

a b AND c d
or
a OR (b AND c) OR d

a-b
-
(~"a b" | ab)

『quoted words』
-
"quoted words"

¶ 3
-
"¶ 3"

§5
-
"§ 5"

38.101-2
-
"38.101 2"

top-level policy
-
(~"top level" | toplevel) AND policy

(a | b) | c
-
((a | b) | c)

note: x
-
note AND x

a::b
-
~"a b"

a (b NEAR/2 c) "d|e"
-
a AND (b NEAR/2 c) AND "d e"

a w/s b
warn=1
a AND b

a /p b
warn=1
a AND b

a NEAR/5 NOT b
warn=1
a AND NOT b

~word
warn=1
word

="Top-level design" ="Top level"
-
="Top-level design" AND ="Top level"

经济、发展；改革：开放
-
经济 AND 发展 AND 改革 AND 开放

word^1000001
warn=1
word^1e+06

(a OR b)^3
-
(a OR b)^3

