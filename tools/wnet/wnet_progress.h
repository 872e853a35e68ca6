/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_progress.h: "Connecting to \\server\share ... (3 s)", for what takes longer than
 * a second, and only where somebody can see it: standard error is a terminal.
 */
#ifndef WNET_PROGRESS_H
#define WNET_PROGRESS_H

/** One at a time, ended by wnet_progress_end. */
void wnet_progress_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void wnet_progress_end(void);

/** Round a question on the terminal. Without a progress they do nothing. */
void wnet_progress_pause(void);
void wnet_progress_resume(void);

#endif
