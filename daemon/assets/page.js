// page.js - what is only a convenience: suggestions while typing, keys, copying.  Everything
// else works without it.
"use strict";
