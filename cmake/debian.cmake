# `cpack -G DEB` makes two packages: glue-security has the programs, and
# libglue-security-dev the libraries.

set(CPACK_PACKAGE_NAME glue-security)
set(CPACK_PACKAGE_VENDOR "The authors of glue_security")
set(CPACK_PACKAGE_CONTACT "The authors of glue_security <nobody@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

set(CPACK_COMPONENTS_ALL glue_security_development)
set(CPACK_DEBIAN_GLUE_SECURITY_DEVELOPMENT_PACKAGE_NAME libglue-security-dev)
set(CPACK_DEBIAN_GLUE_SECURITY_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_GLUE_SECURITY_DEVELOPMENT_DESCRIPTION
    "The engine applies Put, Get and Delete of resource policies, encryption
settings, security configurations and connections in the process that embeds
it, and decides requests by policies. This package has the libraries, which
are static, and their headers.")
set(packages libabsl-dev libprotobuf-dev libre2-dev libsimdjson-dev libssl-dev pkg-config)
if(GLUE_SECURITY_SQLITE)
  list(APPEND packages libsqlite3-dev)
endif()
list(JOIN packages ", " CPACK_DEBIAN_GLUE_SECURITY_DEVELOPMENT_PACKAGE_DEPENDS)
# The libraries that need these are left out of find_package() without them.
set(packages "")
if(GLUE_SECURITY_ETCD)
  list(APPEND packages libgrpc++-dev protobuf-compiler-grpc)
endif()
if(GLUE_SECURITY_TESTING)
  list(APPEND packages libgmock-dev libgtest-dev)
endif()
if(TARGET glue_security_property_main)
  list(APPEND packages libboost-program-options-dev)
endif()
list(JOIN packages ", " CPACK_DEBIAN_GLUE_SECURITY_DEVELOPMENT_PACKAGE_SUGGESTS)

if(programs)
  list(APPEND CPACK_COMPONENTS_ALL glue_security_programs)
  set(CPACK_DEBIAN_GLUE_SECURITY_PROGRAMS_PACKAGE_NAME glue-security)
  set(CPACK_DEBIAN_GLUE_SECURITY_PROGRAMS_PACKAGE_SECTION devel)
  set(CPACK_DEBIAN_GLUE_SECURITY_PROGRAMS_PACKAGE_SHLIBDEPS ON)
  set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/cpack_check.cmake)
  set(CPACK_COMPONENT_GLUE_SECURITY_PROGRAMS_DESCRIPTION
      "A server answers the calls of clients of AWS Glue as the service does, and
controls faults and time for tests. Further programs check policies, look
after stored records, and judge mocks by the contract of the service.")
  # A manual page says in one line what its program does.
  foreach(program IN LISTS programs)
    get_target_property(CPACK_GLUE_SECURITY_NAME_OF_${program} ${program} DESCRIPTION)
  endforeach()
  set(CPACK_GLUE_SECURITY_NAME_OF_glue-security-health
      "ask a glue-security-server for its health")
endif()

set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian_files.cmake)
include(CPack)
