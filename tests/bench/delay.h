/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * delay.h: a long line on loopback: what goes in comes out later, as much as there is.
 */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include <stdint.h>

/** Listens on a port of 127.0.0.1, which it returns, and connects to target, which is another:
 * each way takes delay_ms. It lives as long as the program. Ends the program if it fails. */
uint16_t delay_start(uint16_t target, unsigned delay_ms);

#endif
