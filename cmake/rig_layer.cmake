# rig_layer(NAME SOURCES files... USES layers... [LIBRARIES third-party...] [DIR folder])
# A folder is a library, and the libraries named in USES are all that it may include from;
# LIBRARIES are known to this folder alone.
function(rig_layer name)
  cmake_parse_arguments(arg "" "DIR" "SOURCES;USES;LIBRARIES" ${ARGN})
  if(NOT arg_DIR)
    set(arg_DIR ${name})
  endif()
  if(arg_SOURCES)
    list(TRANSFORM arg_SOURCES PREPEND ${arg_DIR}/)
    add_library(rig_${name} STATIC ${arg_SOURCES})
    target_include_directories(rig_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(rig_${name} PUBLIC ${arg_USES} PRIVATE ${arg_LIBRARIES})
    rig_precompile(rig_${name})
  else()
    add_library(rig_${name} INTERFACE)
    target_include_directories(rig_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(rig_${name} INTERFACE ${arg_USES})
  endif()
endfunction()

# Precompiles the standard library's headers for a target, once for the whole tree. Every file names
# what it uses all the same: the tidy preset builds without.
function(rig_precompile target)
  if(NOT TARGET rig_headers)
    file(WRITE ${PROJECT_BINARY_DIR}/headers.cc "")
    add_library(rig_headers OBJECT ${PROJECT_BINARY_DIR}/headers.cc)
    target_precompile_headers(rig_headers PRIVATE
      <algorithm> <array> <chrono> <cmath> <cstdint> <filesystem> <fstream> <functional> <map>
      <memory> <optional> <set> <span> <string> <string_view> <variant> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM rig_headers)
endfunction()
