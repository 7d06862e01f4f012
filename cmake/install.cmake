# The rules of `cmake --install` and `cpack`: libraries with their headers, what
# find_package() and pkg-config read of them, and programs.

include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/glue_security)
set(pkg_config_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(made ${PROJECT_BINARY_DIR}/install)

get_property(libraries GLOBAL PROPERTY GLUE_SECURITY_LIBRARIES)
get_property(programs GLOBAL PROPERTY GLUE_SECURITY_PROGRAMS)

# From the folder of the files of pkg-config, so that the prefix can be moved.
cmake_path(
  RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE prefix_from_pkg_config)

# Sets RESULT to what the file of pkg-config of a library says that it requires, and
# FLAGS to the links that have no such file. The libraries are archives, so that those
# that they use are always linked.
function(glue_security_requirements name result flags)
  get_target_property(links glue_security_${name} LINK_LIBRARIES)
  set(required "")
  set(further "")
  foreach(link IN LISTS links)
    if(link MATCHES "^glue_security::(.*)")
      list(APPEND required "glue_security_${CMAKE_MATCH_1} = ${PROJECT_VERSION}")
    elseif(link MATCHES "^absl::(.*)")
      list(APPEND required absl_${CMAKE_MATCH_1})
    elseif(link MATCHES "^(GTest|gRPC|simdjson)::(.*)")
      list(APPEND required ${CMAKE_MATCH_2})
    elseif(link STREQUAL protobuf::libprotobuf)
      list(APPEND required protobuf)
    elseif(link STREQUAL PkgConfig::glue_security_re2)
      list(APPEND required re2)
    elseif(link STREQUAL OpenSSL::Crypto)
      list(APPEND required libcrypto)
    elseif(link STREQUAL SQLite::SQLite3)
      list(APPEND required sqlite3)
    elseif(link STREQUAL Threads::Threads)
      list(APPEND further -pthread)
    elseif(link STREQUAL Boost::program_options)
      list(APPEND further -lboost_program_options)
    elseif(NOT link MATCHES "BUILD_INTERFACE")
      message(FATAL_ERROR "cmake/install.cmake does not know pkg-config's name of ${link}")
    endif()
  endforeach()
  list(JOIN required ", " required)
  list(JOIN further " " further)
  set(${result} "${required}" PARENT_SCOPE)
  set(${flags} "${further}" PARENT_SCOPE)
endfunction()

foreach(name IN LISTS libraries)
  set(target glue_security_${name})
  set(headers "")
  get_target_property(has_headers ${target} HEADER_SETS)
  if(has_headers)
    set(headers FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT
                glue_security_development)
  endif()
  install(
    TARGETS ${target}
    EXPORT ${target}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT glue_security_development ${headers})
  install(
    EXPORT ${target}
    NAMESPACE glue_security::
    FILE glue_security-${name}.cmake
    DESTINATION ${config_folder}
    COMPONENT glue_security_development)

  get_target_property(description ${target} DESCRIPTION)
  glue_security_requirements(${name} requirements further_flags)
  configure_file(cmake/library.pc.in ${made}/${target}.pc @ONLY)
  install(
    FILES ${made}/${target}.pc
    DESTINATION ${pkg_config_folder}
    COMPONENT glue_security_development)
endforeach()

list(JOIN libraries " " library_list)
configure_package_config_file(
  cmake/glue_security-config.cmake.in ${made}/glue_security-config.cmake
  INSTALL_DESTINATION ${config_folder} NO_SET_AND_CHECK_MACRO)
# There is no promise between minor versions before 1.0.
write_basic_package_version_file(${made}/glue_security-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES ${made}/glue_security-config.cmake ${made}/glue_security-config-version.cmake
  DESTINATION ${config_folder}
  COMPONENT glue_security_development)

install(
  FILES LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libglue-security-dev
  RENAME copyright
  COMPONENT glue_security_development)

if(programs)
  install(
    FILES LICENSE
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/glue-security
    RENAME copyright
    COMPONENT glue_security_programs)
  install(
    TARGETS ${programs}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT glue_security_programs)
  if(TARGET glue-security-server)
    install(
      PROGRAMS packaging/glue-security-health
      DESTINATION ${CMAKE_INSTALL_BINDIR}
      COMPONENT glue_security_programs)
    # There whatever the folder of libraries is.
    install(
      FILES packaging/glue-security.service
      DESTINATION lib/systemd/system
      COMPONENT glue_security_programs)
  endif()
endif()

if(PROJECT_IS_TOP_LEVEL)
  include(cmake/debian.cmake)
endif()
