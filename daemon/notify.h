/* notify.h - tells systemd how the service is (sd_notify(3)), if it asked to be told. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify_state(const char *state);

#endif
