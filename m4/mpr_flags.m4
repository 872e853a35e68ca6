dnl SPDX-License-Identifier: LGPL-2.1-or-later
dnl mpr_flags.m4: the project's own compiler and linker flags, each tried first.

AC_DEFUN([MPR_TRY_CFLAG], [AX_CHECK_COMPILE_FLAG([$1], [MPR_CFLAGS="$MPR_CFLAGS $1"], [], [-Werror])])
AC_DEFUN([MPR_TRY_LDFLAG], [AX_CHECK_LINK_FLAG([$1], [MPR_LDFLAGS="$MPR_LDFLAGS $1"])])

dnl MPR_COMPILER_FLAGS: sets MPR_CFLAGS, and the conditions SANITIZED, THREAD_SANITIZER and FUZZERS.
AC_DEFUN([MPR_COMPILER_FLAGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [turn warnings into errors])],
  [], [enable_werror=no])
AC_ARG_WITH([sanitizer],
  [AS_HELP_STRING([--with-sanitizer=LIST], [address, undefined or both with a comma; or thread])],
  [], [with_sanitizer=no])
AC_ARG_ENABLE([fuzzers],
  [AS_HELP_STRING([--enable-fuzzers], [link the fuzz targets with libFuzzer (needs clang)])],
  [], [enable_fuzzers=no])
AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [count executed lines, for gcov])],
  [], [enable_coverage=no])

MPR_CFLAGS="-fvisibility=hidden"
m4_foreach_w([mpr_flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wformat=2 -Wundef -Wvla -Wwrite-strings -Wcast-qual -Wpointer-arith
  -Wthread-safety -fno-common -fstack-protector-strong -fstack-clash-protection],
  [MPR_TRY_CFLAG(mpr_flag)])
AS_VAR_IF([enable_werror], [yes], [MPR_CFLAGS="$MPR_CFLAGS -Werror"])

mpr_sanitizer_flags=
AS_CASE([$with_sanitizer],
  [no], [],
  [address|undefined|address,undefined|undefined,address|thread],
    [mpr_sanitizer_flags="-fsanitize=$with_sanitizer -fno-omit-frame-pointer -fno-sanitize-recover=undefined"],
  [AC_MSG_ERROR([--with-sanitizer takes address, undefined, address,undefined or thread])])
AS_VAR_IF([enable_fuzzers], [yes],
  [AX_CHECK_COMPILE_FLAG([-fsanitize=fuzzer-no-link],
    [mpr_sanitizer_flags="$mpr_sanitizer_flags -fsanitize=fuzzer-no-link"],
    [AC_MSG_ERROR([--enable-fuzzers needs clang])], [-Werror])])
MPR_CFLAGS="$MPR_CFLAGS $mpr_sanitizer_flags"
MPR_LDFLAGS=$mpr_sanitizer_flags
AS_VAR_IF([enable_coverage], [yes],
  [MPR_CFLAGS="$MPR_CFLAGS --coverage" MPR_LDFLAGS="$MPR_LDFLAGS --coverage"])
AM_CONDITIONAL([SANITIZED], [test -n "$mpr_sanitizer_flags"])
AM_CONDITIONAL([THREAD_SANITIZER], [test "x$with_sanitizer" = xthread])
AM_CONDITIONAL([FUZZERS], [test "x$enable_fuzzers" = xyes])
AC_SUBST([mpr_sanitizer_flags])
AC_SUBST([MPR_CFLAGS])
AC_SUBST([MPR_LDFLAGS])
])

dnl MPR_LINKER_FLAGS: sets MPR_LDFLAGS, and what only shared objects get.
AC_DEFUN([MPR_LINKER_FLAGS], [
MPR_TRY_LDFLAG([-Wl,-z,relro])
MPR_TRY_LDFLAG([-Wl,-z,now])
MPR_TRY_LDFLAG([-Wl,--as-needed])
AX_CHECK_LINK_FLAG([-Wl,-z,nodelete], [NODELETE_LDFLAGS="-Wl,-z,nodelete"])
AC_SUBST([NODELETE_LDFLAGS])
dnl The sanitizers' run time is the program's, so a sanitized object cannot be complete.
AS_IF([test -z "$mpr_sanitizer_flags"], [UNDEFINED_LDFLAGS="-no-undefined -Wl,-z,defs"])
AC_SUBST([UNDEFINED_LDFLAGS])
])

dnl MPR_OPTIONAL(NAME, PREFIX, MODULE, WHAT): --enable-NAME=yes|no|auto by a pkg-config module.
dnl "yes" is an error when it cannot be had. Sets the condition WITH_NAME.
AC_DEFUN([MPR_OPTIONAL], [
AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1=yes|no|auto], [$4 @<:@auto@:>@])],
  [], [AS_VAR_SET_IF([enable_$1], [], [enable_$1=auto])])
AS_VAR_IF([enable_$1], [no], [], [PKG_CHECK_MODULES([$2], [$3], [enable_$1=yes],
  [AS_VAR_IF([enable_$1], [yes], [AC_MSG_ERROR([--enable-$1 was given but $3 was not found])],
    [enable_$1=no])])])
AM_CONDITIONAL([WITH_]m4_toupper([$1]), [test "x$enable_$1" = xyes])
])
