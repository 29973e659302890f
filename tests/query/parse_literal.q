`term`
-
term

`a\20b`
-
`\k0a\20b`

"`two` words"
-
"two words"

`wo*
-
wo*

``quoted''
-
quoted

`gov`*
-
gov*

k:`a..`
-
k:`\k0a..`

="`\k0a?b`A?b`-"
-
="`\k0a?b`A?b`-"
