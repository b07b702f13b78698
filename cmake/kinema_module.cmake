# One library per folder of src/kinema, linked against only the folders that it may use.
#
#   kinema_module(codec USES base data io metrics LIBS ... [KERNELS file.cpp ...] [EXCLUDE file.cpp ...])
#
# A wrong arrow does not link: every folder is also linked alone, with no undefined symbol allowed.
# KERNELS are compiled once for each instruction set (KINEMA_SIMD_NAME = scalar, avx2, avx512).
function(kinema_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;LIBS;KERNELS;EXCLUDE")
  set(folder ${PROJECT_SOURCE_DIR}/src/kinema/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  foreach(file IN LISTS arg_EXCLUDE arg_KERNELS)
    list(REMOVE_ITEM sources ${folder}/${file})
  endforeach()

  if(NOT sources)
    return()
  endif()
  set(target kinema_${name})
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/src)
  target_link_libraries(${target} PRIVATE kinema_warnings)
  set(uses ${arg_USES})
  # A folder that holds nothing yet has no library.
  list(TRANSFORM uses REPLACE "(.+)" "$<TARGET_NAME_IF_EXISTS:kinema_\\1>")
  target_link_libraries(${target} PUBLIC ${uses} PRIVATE ${arg_LIBS})

  set(kernel_objects)
  foreach(kernel IN LISTS arg_KERNELS)
    get_filename_component(stem ${kernel} NAME_WE)
    foreach(simd scalar avx2 avx512)
      if(simd STREQUAL "scalar" OR CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        set(object kinema_${name}_${stem}_${simd})
        add_library(${object} OBJECT ${folder}/${kernel})
        target_include_directories(${object} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/src)
        target_link_libraries(${object} PRIVATE kinema_warnings)
        target_compile_definitions(${object} PRIVATE KINEMA_SIMD_NAME=${simd})
        target_compile_options(${object} PRIVATE ${KINEMA_${simd}_FLAGS} -Wno-maybe-uninitialized)
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:${object}>)
        list(APPEND kernel_objects $<TARGET_OBJECTS:${object}>)
        set_property(GLOBAL APPEND PROPERTY KINEMA_KERNEL_OBJECTS $<TARGET_OBJECTS:${object}>)
      endif()
    endforeach()
  endforeach()

  # The link check: the same objects as a shared library in which nothing is left undefined.
  if(NOT KINEMA_SANITIZE)
    add_library(${target}_links SHARED $<TARGET_OBJECTS:${target}> ${kernel_objects})
    target_link_libraries(${target}_links PRIVATE ${uses} ${arg_LIBS})
    target_link_options(${target}_links PRIVATE -Wl,--no-undefined)
    set_target_properties(${target}_links PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/link_check)
  endif()
endfunction()
