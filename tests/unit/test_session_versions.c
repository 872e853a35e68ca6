/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_session_versions.c: programs and services of different versions understand each other.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_session_wire.h"

Test(session_versions, a_newer_service_may_say_more) {
    static const char text[] = "{\"parameters\":{\"user\":\"u\",\"more\":[1,{}]},\"x\":1}";
    struct mpr_user_ret ret = {0};

    cr_assert_eq(mpr_session_wire_result(MPR_OP_user, text, strlen(text), &ret), NO_ERROR);
    cr_expect_str_eq(ret.user, "u");
    mpr_user_ret_clear(&ret);
}

Test(session_versions, an_older_service_does_not_say_what_came_later) {
    static const char text[] =
        "{\"parameters\":{\"list\":[{\"state\":1,\"type\":1,\"persistent\":0,\"open_files\":2,"
        "\"latency_us\":0,\"code\":0,\"retry_s\":0,\"bytes_read\":\"0\",\"bytes_written\":\"0\","
        "\"operations\":\"0\"}]}}";
    struct mpr_status_ret ret = {0};

    cr_assert_eq(mpr_session_wire_result(MPR_OP_status, text, strlen(text), &ret), NO_ERROR);
    cr_assert_eq(ret.list.count, 1);
    cr_expect_eq(ret.list.items[0].open_files, 2);
    cr_expect_eq(ret.list.items[0].age_ms, 0);
    mpr_status_ret_clear(&ret);
}
