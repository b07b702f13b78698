#include "kinema/report/block.h"

#include "kinema/report/pack.h"

#include <functional>
#include <numeric>
#include <stdexcept>

namespace kinema::report {

Block block_of_bytes(std::string type, std::vector<Index> shape, std::span<const std::byte> bytes) {
  const Index bits = std::stoll(type.substr(1));
  const Index count = std::accumulate(shape.begin(), shape.end(), Index{1}, std::multiplies<>{});
  if (count * bits / 8 != static_cast<Index>(bytes.size())) {
    throw std::logic_error("a block of " + std::to_string(count) + " numbers of type " + type +
                           " has " + std::to_string(bytes.size()) + " bytes");
  }
  return {std::move(type), std::move(shape), base64(deflate(bytes))};
}

Block block_of(std::vector<Index> shape, std::span<const float> numbers) {
  return block_of_bytes("f32", std::move(shape), std::as_bytes(numbers));
}
Block block_of(std::vector<Index> shape, std::span<const std::uint8_t> numbers) {
  return block_of_bytes("u8", std::move(shape), std::as_bytes(numbers));
}
Block block_of(std::vector<Index> shape, std::span<const std::int16_t> numbers) {
  return block_of_bytes("i16", std::move(shape), std::as_bytes(numbers));
}
Block block_of(std::vector<Index> shape, std::span<const std::uint16_t> numbers) {
  return block_of_bytes("u16", std::move(shape), std::as_bytes(numbers));
}
Block block_of(std::vector<Index> shape, std::span<const std::int32_t> numbers) {
  return block_of_bytes("i32", std::move(shape), std::as_bytes(numbers));
}

}  // namespace kinema::report
