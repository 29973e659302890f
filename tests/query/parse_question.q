what are the reporting duties of a fund
or english
what^0.1 OR are^0.1 OR the^0.1 OR reporting OR duties OR of^0.1 OR a^0.1 OR fund

what are the reporting duties of a fund
or
what OR are OR the OR reporting OR duties OR of OR a OR fund

what are the duties
or english
what OR are OR the OR duties

to be or not to be
or english
to OR be OR or OR not OR to OR be

how does state-owned debt rise
or english
how^0.1 OR does^0.1 OR state OR owned OR stateowned^0.3 OR debt OR rise

how does (state-owned)^2 debt rise
or english
how^0.1 OR does^0.1 OR (~"state owned" | stateowned)^2 OR debt OR rise

rules 12(b)(6) and 8.8.2 apply here
or english
rules OR 12 OR b OR 6 OR and^0.1 OR 8.8.2 OR apply OR here^0.1

which WHO or IT rules apply
or english
which^0.1 OR who OR or^0.1 OR it OR rules OR apply

what "to be" =the the^2 title:the rules
or english
what^0.1 OR "to be" OR ="the" OR the^2 OR title:the OR rules

+the -a which of these rules apply
or english
(the MAYBE which^0.1 MAYBE of^0.1 MAYBE these^0.1 MAYBE rules MAYBE apply) AND NOT a

what the 经济发展 of WTO规则 is
or english
what^0.1 OR the^0.1 OR (经济 OR 济发 OR 发展) OR of^0.1 OR (wto OR 规则) OR is^0.1

how the (what are the duties of x) of y is
or english
how^0.1 OR the^0.1 OR (what^0.1 OR are^0.1 OR the^0.1 OR duties OR of^0.1 OR x) OR of^0.1 OR y OR is^0.1
