# Run by `cpack -G DEB` over the files of each package, before it is made: puts what
# Debian's policy wants beside what `cmake --install` installs. The copyright refers to
# the licence, which Debian has once, the changelog has Debian's form, and each program
# has a manual page, made of its --help.

if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()

# Writes TEXT to FOLDER/NAME.gz, without the time and the name of a file in it.
function(write_compressed folder name text)
  file(WRITE ${folder}/${name} "${text}")
  execute_process(COMMAND gzip -9n ${folder}/${name} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

string(TIMESTAMP day "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(GLOB documents LIST_DIRECTORIES true
     ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/*)
foreach(folder IN LISTS documents)
  cmake_path(GET folder FILENAME package)
  file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/../packaging/debian/copyright
       ${folder}/copyright)
  write_compressed(
    ${folder} changelog
    "${package} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * CHANGELOG.md in the sources lists what changed.

 -- ${CPACK_PACKAGE_CONTACT}  ${day}
")
endforeach()

file(GLOB programs ${CPACK_TEMPORARY_DIRECTORY}/*/usr/bin/*)
foreach(program IN LISTS programs)
  cmake_path(GET program FILENAME name)
  cmake_path(GET program PARENT_PATH folder)
  execute_process(
    COMMAND ${HELP2MAN_EXECUTABLE} --no-info --name=${CPACK_GLUE_SECURITY_NAME_OF_${name}}
            --version-string=${CPACK_PACKAGE_VERSION} ${program}
    OUTPUT_VARIABLE page COMMAND_ERROR_IS_FATAL ANY)
  write_compressed(${folder}/../share/man/man1 ${name}.1 "${page}")
endforeach()
