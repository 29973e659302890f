/* settings_check.h - what the values of settings may be.
 *
 * Each function is given a value that is not empty, and returns NULL if it will do, else what
 * it should be, to stand behind "'value' is not". */
#ifndef DAEMON_SETTINGS_CHECK_H
#define DAEMON_SETTINGS_CHECK_H

typedef const char *setting_check(const char *value);

setting_check check_text;     /* no control characters; the bytes of a path may be any others */
setting_check check_title;    /* that, in UTF-8 */
setting_check check_language; /* one of the page's */
setting_check check_url;      /* http:// or https:// and a host, maybe a path */
setting_check check_origin;   /* what browsers send as Origin, or * */
setting_check check_address;  /* of a host, as clients are called (listen_address), or "local" */
setting_check check_listen;   /* HOST:PORT, PORT, unix:PATH */

#endif
