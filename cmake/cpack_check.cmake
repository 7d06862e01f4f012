# Read by `cpack`. Without dpkg-shlibdeps CPack would make a package of the programs that
# depends on nothing.
if(CPACK_GENERATOR STREQUAL "DEB")
  find_program(SHLIBDEPS_EXECUTABLE dpkg-shlibdeps)
  find_program(FILE_EXECUTABLE file)
  find_program(HELP2MAN_EXECUTABLE help2man)
  if(NOT SHLIBDEPS_EXECUTABLE OR NOT FILE_EXECUTABLE OR NOT HELP2MAN_EXECUTABLE)
    message(FATAL_ERROR "cpack -G DEB needs Debian's packages dpkg-dev, file and help2man")
  endif()
endif()
