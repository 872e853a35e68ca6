/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * respelled.h: programs that spell a file's name now so, now so, on a drive whose server takes
 * all spellings for one.
 */
#ifndef RESPELLED_H
#define RESPELLED_H

/** In a directory of the drive with nothing in it. */
void respelled_check(const char *directory);

#endif
