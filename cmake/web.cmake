# Bundles web/ with esbuild, while the project is built, into one generated header:
# kinema/report/web_files.h holds the style sheet and one script for each kind of page.
#
#   flat    plots and players
#   scene   these and the 3D views, with three.js
#
# Without esbuild, or without three.js, that script is empty, and pages say what they lack.
set(web ${PROJECT_SOURCE_DIR}/web)
set(web_bundles ${PROJECT_BINARY_DIR}/web)
set(web_header ${PROJECT_BINARY_DIR}/src/kinema/report/web_files.h)
file(GLOB web_modules CONFIGURE_DEPENDS ${web}/*.js)
find_program(ESBUILD esbuild)
find_file(THREE_MODULE three.module.js PATHS /usr/share/nodejs/three/build /usr/share/javascript/three
          NO_DEFAULT_PATH)

set(web_scripts)
function(kinema_bundle name)
  add_custom_command(
    OUTPUT ${web_bundles}/${name}.js
    COMMAND ${ESBUILD} ${web}/${name}_page.js --bundle --minify --format=esm --target=es2022
            --legal-comments=inline --log-level=warning --alias:three=${THREE_MODULE}
            --outfile=${web_bundles}/${name}.js
    DEPENDS ${web_modules}
    COMMENT "Bundling web/${name}_page.js"
    VERBATIM)
  set(web_scripts ${web_scripts} ${web_bundles}/${name}.js PARENT_SCOPE)
endfunction()
if(NOT ESBUILD)
  message(STATUS "esbuild not found: pages have neither players nor plots (esbuild)")
else()
  kinema_bundle(flat)
  if(NOT THREE_MODULE)
    message(STATUS "three.js not found: pages have no 3D views (libjs-three)")
  else()
    kinema_bundle(scene)
  endif()
endif()

add_custom_command(
  OUTPUT ${web_header}
  COMMAND ${CMAKE_COMMAND} -D header=${web_header} -D style=${web}/style.css -D bundles=${web_bundles}
          -D "made=${web_scripts}" -P ${PROJECT_SOURCE_DIR}/cmake/web_header.cmake
  DEPENDS ${web_scripts} ${web}/style.css ${PROJECT_SOURCE_DIR}/cmake/web_header.cmake
  COMMENT "Embedding web/"
  VERBATIM)
