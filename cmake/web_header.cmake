# Writes `header` from the style sheet `style` and the scripts `made` of the folder `bundles`; a
# script that was not made is empty. Text goes into raw string literals in pieces, because compilers
# limit the length of one.
cmake_minimum_required(VERSION 3.25)

function(append_literal name file)
  set(text "")
  if(EXISTS "${file}")
    file(READ "${file}" text)
  endif()
  string(LENGTH "${text}" length)
  file(APPEND ${header}.new "inline constexpr std::string_view ${name} = \"\"")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    file(APPEND ${header}.new "\n    R\"kinema(${piece})kinema\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  file(APPEND ${header}.new "sv;\n")  # which counts no characters while the compiler works
endfunction()

file(WRITE ${header}.new "// Made from web/ by cmake/web_header.cmake.
#pragma once

#include <string_view>

namespace kinema::report {

using namespace std::string_view_literals;

")
append_literal(web_style ${style})
foreach(name flat scene)
  set(script "")
  if("${bundles}/${name}.js" IN_LIST made)
    set(script ${bundles}/${name}.js)
  endif()
  append_literal(${name}_script "${script}")
endforeach()
file(APPEND ${header}.new "\n}  // namespace kinema::report\n")
file(RENAME ${header}.new ${header})
