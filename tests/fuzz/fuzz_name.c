/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_name.c: any text as a device, and as a path. A device is taken only in
 * its few forms and means the same again; what is left of a path never climbs,
 * and is the same when it is rewritten once more.
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_name.h"
#include "router/mpr_utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static void hold_device(const char *text) {
    struct mpr_device device, again;

    if (!mpr_name_device(text, &device))
        return;
    require(strlen(text) <= 5 && device.index >= 0 && device.index < MPR_DEVICE_COUNT);
    require(mpr_name_device(device.name, &again) && again.index == device.index);
    require(strcmp(mpr_name_device_at(device.index).name, device.name) == 0);
}

static void hold_inner_path(const char *path) {
    char *again = NULL;

    require(*path != '/' && !strstr(path, "//") && !strchr(path, '\\'));
    require(!*path || path[strlen(path) - 1] != '/');
    require(strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 && !strstr(path, "/../"));
    require(mpr_name_inner_path(path, &again) == 0 && strcmp(again, path) == 0);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), *path = NULL;
    struct mpr_device device;
    const char *rest;
    int rc;

    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    hold_device(text);
    if (mpr_name_device_path(text, &device, &rest))
        require(rest == text + 2 && device.index < 26);
    require(mpr_name_length(text) <= strlen(text));
    rc = mpr_name_inner_path(text, &path);
    require(rc == 0 || rc == -EINVAL);
    require(rc != 0 || mpr_utf_valid(text));
    if (rc == 0)
        hold_inner_path(path);
    free(path);
    free(text);
    return 0;
}
