# Bundles web/ into one generated header, kinema/report/web_files.h: the style sheet, and the
# modules concatenated in order of dependence with their import and export words taken away. The
# text goes into raw string literals in pieces, because compilers limit the length of one.
set(web ${PROJECT_SOURCE_DIR}/web)
set(web_modules colours.js data.js sync.js plot.js pane.js player.js page.js)

function(kinema_embed_literal name text result)
  string(LENGTH "${text}" length)
  set(literal "inline constexpr std::string_view ${name} =")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND literal "\n    R\"kinema(${piece})kinema\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  set(${result} "${literal};\n" PARENT_SCOPE)
endfunction()

set(web_script "")
foreach(module IN LISTS web_modules)
  file(READ ${web}/${module} text)
  string(REGEX REPLACE "\nimport [^\n]*" "" text "${text}")
  string(REGEX REPLACE "\nexport (async function|function|class|const) " "\n\\1 " text "${text}")
  string(APPEND web_script "${text}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${web}/${module})
endforeach()
file(READ ${web}/style.css web_style)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${web}/style.css)

kinema_embed_literal(web_style "${web_style}" style_literal)
kinema_embed_literal(web_script "${web_script}" script_literal)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/src/kinema/report/web_files.h @ONLY NEWLINE_STYLE UNIX CONTENT
"// Made from web/ by cmake/embed.cmake.
#pragma once

#include <string_view>

namespace kinema::report {

@style_literal@
@script_literal@
}  // namespace kinema::report
")
