govern*
-
govern*

GOVERN*
-
govern*

adopté*
-
adopte*

top-lev*
-
(~"top lev*" | toplev*)

g*
-
g*

38.1*
-
38.1*

经*
-
经

经济*
-
经济

govern*.
-
govern*

go?ern
warn=1
~"go ern"

*ment
warn=1
ment

go*ern
warn=1
~"go ern"

/re.?form/
warn=1
~"re form"

reforme~
warn=1
reforme

reforme~1
warn=1
reforme

~reform
warn=1
reform

a IN section:"art. 5"
warn=1
a AND "art 5"

IN section
-
in AND section

LAW IN FORCE
-
law AND in AND force

https://x.org/a*b
-
~"https x org a b"

