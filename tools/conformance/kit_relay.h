/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_relay.h: the network between the provider and its server, where the lab
 * file has a "relay": a process that passes TCP on, or does not.
 */
#ifndef KIT_RELAY_H
#define KIT_RELAY_H

/** Starts it; the name that leads through it. Without one in the lab file the check does not apply. */
const char *kit_relay_name(void);

/** Nothing moves any more, and connections are accepted; and it moves again. */
void kit_relay_silence(void);
void kit_relay_resume(void);
/** Connections are reset, and new ones are accepted again. */
void kit_relay_cut(void);
/** Connections are reset, and new ones too, as soon as they are made. */
void kit_relay_refuse(void);
/** How many there were. */
int kit_relay_connections(void);

#endif
