dnl SPDX-License-Identifier: LGPL-2.1-or-later
dnl MPR_LD_VERSION_SCRIPT: requires a linker that takes a version script.
AC_DEFUN([MPR_LD_VERSION_SCRIPT],
  [AC_CACHE_CHECK([whether the linker takes a version script], [mpr_cv_version_script],
    [printf '%s\n' '{ local: *; };' > conftest.map
     mpr_saved_LDFLAGS=$LDFLAGS
     LDFLAGS="$LDFLAGS -shared -fPIC -Wl,--version-script=conftest.map"
     AC_LINK_IFELSE([AC_LANG_SOURCE([[int f(void); int f(void) { return 0; }]])],
       [mpr_cv_version_script=yes], [mpr_cv_version_script=no])
     LDFLAGS=$mpr_saved_LDFLAGS
     rm -f conftest.map])
   AS_VAR_IF([mpr_cv_version_script], [yes], [],
     [AC_MSG_ERROR([a linker with --version-script (GNU ld, lld, gold) is required])])])
