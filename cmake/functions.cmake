# The functions with which CMakeLists.txt makes options, libraries and programs.

# glue_security_option(NAME TEXT FOUND): the option GLUE_SECURITY_NAME, which is ON by
# default if the variable FOUND is true. Told to be ON, it fails if that is not so.
function(glue_security_option name text found)
  if(${found})
    option(GLUE_SECURITY_${name} "${text}" ON)
  else()
    option(GLUE_SECURITY_${name} "${text}" OFF)
    if(GLUE_SECURITY_${name})
      message(FATAL_ERROR "GLUE_SECURITY_${name} is ON, and ${found} is not")
    endif()
  endif()
  message(STATUS "GLUE_SECURITY_${name}: ${GLUE_SECURITY_${name}} (${text})")
endfunction()

# Makes glue_security::NAME of the target glue_security_NAME, and has it installed.
function(glue_security_export name)
  set(target glue_security_${name})
  add_library(glue_security::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_17)
  # Whoever makes a shared library may link it into it.
  if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  set_property(GLOBAL APPEND PROPERTY GLUE_SECURITY_LIBRARIES ${name})
endfunction()

# Headers of ours include simdjson's, whose classes have another size where a macro of
# its target is not set. So every source is compiled with it; no public header shows it.
function(glue_security_simdjson target)
  target_link_libraries(${target} PRIVATE simdjson::simdjson)
endfunction()

# Only where this is the project and not part of one, and asked for.
function(glue_security_warnings target)
  if(PROJECT_IS_TOP_LEVEL AND GLUE_SECURITY_WARNINGS_AS_ERRORS)
    target_compile_options(
      ${target} PRIVATE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor
                        -Woverloaded-virtual -Wimplicit-fallthrough)
  endif()
endfunction()

# glue_security_protos(NAME ROOT FOLDER FILES PROTO... [SERVICES PROTO...]): a library
# of what protoc makes, in the build folder, of protos. They are named as they import
# each other, without their ending, and are below ROOT. SERVICES are those that gRPC
# also makes code of.
function(glue_security_protos name)
  cmake_parse_arguments(arg "" "ROOT" "FILES;SERVICES" ${ARGN})
  cmake_path(ABSOLUTE_PATH arg_ROOT NORMALIZE OUTPUT_VARIABLE root)
  set(out ${PROJECT_BINARY_DIR}/protos)
  file(MAKE_DIRECTORY ${out})
  set(sources "")
  set(headers "")
  foreach(file IN LISTS arg_FILES arg_SERVICES)
    set(made ${out}/${file}.pb)
    set(flags --cpp_out=${out})
    set(results ${made}.h ${made}.cc)
    if(file IN_LIST arg_SERVICES)
      list(APPEND results ${out}/${file}.grpc.pb.h ${out}/${file}.grpc.pb.cc)
      list(APPEND flags --grpc_out=${out}
           --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${results}
      COMMAND protobuf::protoc --proto_path=${root} ${flags} ${file}.proto
      WORKING_DIRECTORY ${root}
      DEPENDS ${root}/${file}.proto
      VERBATIM)
    list(APPEND headers ${made}.h)
    list(APPEND sources ${results})
  endforeach()

  set(target glue_security_${name})
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
  if(arg_SERVICES)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${out}>)
    target_link_libraries(${target} PUBLIC gRPC::grpc++)
  else()
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${out} FILES ${headers})
  endif()
  # Each generated source has the same names.
  set_target_properties(
    ${target} PROPERTIES UNITY_BUILD OFF
                         DESCRIPTION "The generated code of glue_security's protos")
  glue_security_export(${name})
endfunction()

# The headers that take most of the time of many sources.
set(GLUE_SECURITY_COSTLY_HEADERS
    <functional>
    <iostream>
    <map>
    <memory>
    <mutex>
    <optional>
    <string>
    <thread>
    <unordered_map>
    <variant>
    <vector>
    <absl/container/flat_hash_map.h>
    <absl/status/statusor.h>
    <absl/strings/str_cat.h>
    <absl/strings/str_split.h>
    <absl/time/time.h>
    <google/protobuf/descriptor.h>
    <google/protobuf/util/message_differencer.h>
    <glue_security/v1/service.pb.h>)

# glue_security_library(NAME DESCRIPTION TEXT FOLDERS FOLDER... [EXCEPT SOURCE...]
# [SOURCES SOURCE...] PUBLIC LIBRARY... [PRIVATE LIBRARY...]): a library of the sources
# of some folders below glue_security/, and of further ones. It installs those headers
# of its folders that cmake/headers.cmake names.
function(glue_security_library name)
  cmake_parse_arguments(arg "" "DESCRIPTION" "FOLDERS;EXCEPT;SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(top ${PROJECT_SOURCE_DIR}/glue_security)
  list(TRANSFORM arg_SOURCES PREPEND ${top}/)
  list(TRANSFORM arg_EXCEPT PREPEND ${top}/)
  set(sources ${arg_SOURCES})
  set(headers "")
  foreach(folder IN LISTS arg_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${top}/${folder}/*.cc)
    list(APPEND sources ${found})
    foreach(header IN LISTS GLUE_SECURITY_HEADERS)
      cmake_path(GET header PARENT_PATH parent)
      if(parent STREQUAL "glue_security/${folder}")
        list(APPEND headers ${PROJECT_SOURCE_DIR}/${header})
      endif()
    endforeach()
  endforeach()
  if(arg_EXCEPT)
    list(REMOVE_ITEM sources ${arg_EXCEPT})
  endif()

  set(target glue_security_${name})
  add_library(${target} STATIC ${sources})
  target_sources(
    ${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  set_target_properties(${target} PROPERTIES DESCRIPTION "${arg_DESCRIPTION}")
  glue_security_simdjson(${target})
  glue_security_warnings(${target})
  if(GLUE_SECURITY_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} PRIVATE ${GLUE_SECURITY_COSTLY_HEADERS})
  endif()
  glue_security_export(${name})
endfunction()

# glue_security_text_literals(LIBRARY FILES FILE...): for each file below glue_security/
# a file FILE.inc in the build folder, which the library includes: the file as a raw
# string literal of C++. text_literals of tools/build_defs.bzl makes the same.
function(glue_security_text_literals library)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(out ${PROJECT_BINARY_DIR}/texts)
  foreach(file IN LISTS arg_FILES)
    set(source ${PROJECT_SOURCE_DIR}/glue_security/${file})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(READ ${source} text)
    set(literal "R\"file(${text})file\"")
    set(made ${out}/glue_security/${file}.inc)
    set(present "")
    if(EXISTS ${made})
      file(READ ${made} present)
    endif()
    # One that is the same is left alone, so that nothing is compiled again.
    if(NOT "${present}" STREQUAL "${literal}")
      file(WRITE ${made} "${literal}")
    endif()
  endforeach()
  target_include_directories(glue_security_${library} PRIVATE ${out})
endfunction()

# glue_security_program(NAME DESCRIPTION TEXT SOURCES SOURCE... LINKS LIBRARY...): a
# program, of sources below glue_security/, that is installed.
function(glue_security_program name)
  cmake_parse_arguments(arg "" DESCRIPTION "SOURCES;LINKS" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/glue_security/)
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES DESCRIPTION "${arg_DESCRIPTION}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  glue_security_simdjson(${name})
  glue_security_warnings(${name})
  set_property(GLOBAL APPEND PROPERTY GLUE_SECURITY_PROGRAMS ${name})
endfunction()
