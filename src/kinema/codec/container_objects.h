// The objects of a container that is written: made anew, or taken over from a writer that was
// killed.
#pragma once

#include "kinema/codec/container.h"
#include "kinema/codec/container_audit.h"
#include "kinema/io/hdf5.h"

namespace kinema::codec {

/// What a container is written for.
struct ContainerPlan {
  FrameFormat recorded;
  StoredAs stored;
  const MaskSet& masks;
  const MovieInfo& info;
  const Provenance& provenance;

  int schema() const {
    if (masks.kind == MaskKind::staggered || masks.adaptive) return exposure_schema;
    return stored.quantised ? quantised_schema : exact_schema;
  }
};

/// Open for rows to come; nothing else may be added while readers may look in.
struct ContainerObjects {
  io::Hid file, snapshots, first_frames, hashes, groups, noise;
  io::Hid losses;   // none where the source loses nothing
  AuditRows audit;  // where there are any
};

/// Makes all objects in a new file, and closes it.
void create_objects(const std::filesystem::path& path, const ContainerPlan& plan);

/// Opens those of an unfinished container with so many audited frames, cuts off what no row of
/// `groups` tells of, and lets readers in.
ContainerObjects open_objects(const std::filesystem::path& path,
                              const ContainerPlan& plan,
                              const std::vector<Group>& groups,
                              Index audited);

}  // namespace kinema::codec
