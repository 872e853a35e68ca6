/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_name.h: devices and paths, by syntax alone. What a remote name means is
 * for providers to say.
 */
#ifndef MPR_NAME_H
#define MPR_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

#define MPR_DEVICE_MAX   6   /* bytes of "LPT1" with its NUL, and room */
#define MPR_DEVICE_COUNT 35  /* A: to Z:, LPT1 to LPT9 */
#define MPR_REMOTE_MAX   260 /* characters of a remote name, as on Windows */

/** A device, by number: 0 = A: ... 25 = Z:, 26 = LPT1 ... 34 = LPT9. */
struct mpr_device {
    char name[MPR_DEVICE_MAX]; /* "Z:", "LPT1"; "" = none */
    int index;                 /* -1 = none */
};

/**
 * Is text exactly a device: a letter and ':', or LPT1 to LPT9 with or without
 * ':', in any case? *ret_device is filled only then.
 */
bool mpr_name_device(const char *text, struct mpr_device *ret_device);

/** The device of a number. */
struct mpr_device mpr_name_device_at(int index);

/** RESOURCETYPE_DISK or RESOURCETYPE_PRINT. */
DWORD mpr_name_device_type(const struct mpr_device *device);

/**
 * Splits "Z:\dir\file" or "Z:/dir/file" or "Z:": the device, and where the rest
 * starts. False if text is no such path.
 */
bool mpr_name_device_path(const char *text, struct mpr_device *ret_device, const char **ret_rest);

/**
 * Rewrites the rest of a path for a provider: '/' separates, none at either
 * end, none twice. *ret_path is to be freed.
 *
 * Returns 0, -EINVAL ("." or ".." as a component, not UTF-8) or -ENOMEM.
 */
int mpr_name_inner_path(const char *rest, char **ret_path);

/** Characters (not bytes) of valid UTF-8. */
size_t mpr_name_length(const char *text);

/** Is there a control character in the text? No name has one. */
bool mpr_name_has_control(const char *text);

#endif
