// What each file of bindings adds to the extension module.
#pragma once

#include <pybind11/pybind11.h>

namespace kinema::python {

namespace py = pybind11;

void define_base(py::module_& module);         // base.cpp: errors, threads
void define_movie(py::module_& module);        // movie.cpp: Movie
void define_io(py::module_& module);           // io.cpp: open, read, write, info, convert, formats
void define_restore(py::module_& module);      // restore.cpp: restore
void define_simulate(py::module_& module);     // simulate.cpp: nanocrystals, fibres, particles
void define_codec(py::module_& module);        // codec.cpp: masks, encode, wrap, decode
void define_measurement(py::module_& module);  // measurement.cpp: Measurement, read, write
void define_judges(py::module_& module);       // codec_judge.cpp: evaluate, report

}  // namespace kinema::python
