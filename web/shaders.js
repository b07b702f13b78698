// Shaders of the 3D views. Light comes from beside the eye; what is far fades into the page.

const light = `
  uniform vec3 paper;
  uniform vec2 fade;  // distances where fading begins and ends
  vec3 lit(vec3 colour, vec3 normal, float away) {
    vec3 lamp = normalize(vec3(-0.35, 0.55, 0.76));
    float diffuse = 0.5 + 0.5 * dot(normal, lamp);
    float shine = pow(max(0.0, dot(normal, normalize(lamp + vec3(0.0, 0.0, 1.0)))), 42.0);
    vec3 seen = colour * (0.34 + 0.72 * diffuse * diffuse) + 0.16 * shine;
    return mix(seen, paper, 0.62 * smoothstep(fade.x, fade.y, away));
  }`;

/** Balls as squares that face the eye, with the depth of a ball at each pixel. */
export const ball_shader = {
  vertex: `
    attribute vec3 centre;
    attribute vec4 colour;  // the last: 1 where the atom is picked
    uniform float radius;
    varying vec2 place;
    varying vec4 tint;
    varying vec3 middle;
    void main() {
      middle = (modelViewMatrix * vec4(centre, 1.0)).xyz;
      place = position.xy;
      tint = colour;
      float size = radius * (1.0 + 0.7 * colour.a);
      gl_Position = projectionMatrix * vec4(middle + vec3(size * position.xy, 0.0), 1.0);
    }`,
  fragment: `
    ${light}
    uniform float radius;
    uniform vec3 ring;  // around the atom that is picked
    uniform mat4 projectionMatrix;
    varying vec2 place;
    varying vec4 tint;
    varying vec3 middle;
    void main() {
      float grown = 1.0 + 0.7 * tint.a;
      vec2 at = place * grown;
      float square = dot(at, at);
      if (square > grown * grown) discard;
      bool outside = square > 1.0;
      vec3 normal = vec3(at, sqrt(max(0.0, 1.0 - square)));
      vec3 seen = middle + radius * vec3(0.0, 0.0, normal.z);
      vec4 clip = projectionMatrix * vec4(seen, 1.0);
      gl_FragDepthEXT = 0.5 + 0.5 * clip.z / clip.w;
      gl_FragColor = vec4(outside ? ring : lit(tint.rgb, normal, -seen.z), 1.0);
    }`,
};

/** Halves of bonds as cylinders from an atom to the middle of the bond. */
export const bond_shader = {
  vertex: `
    attribute vec3 start;
    attribute vec3 way;
    attribute vec3 colour;
    uniform float radius;
    varying vec3 tint, side, seen;
    void main() {
      vec3 axis = normalize(way);
      vec3 across = normalize(cross(axis, abs(axis.z) < 0.9 ? vec3(0.0, 0.0, 1.0) : vec3(1.0, 0.0, 0.0)));
      vec3 outward = position.x * across + position.y * cross(axis, across);
      vec4 place = modelViewMatrix * vec4(start + position.z * way + radius * outward, 1.0);
      side = normalMatrix * outward;
      tint = colour;
      seen = place.xyz;
      gl_Position = projectionMatrix * place;
    }`,
  fragment: `
    ${light}
    varying vec3 tint, side, seen;
    void main() { gl_FragColor = vec4(lit(tint, normalize(side), -seen.z), 1.0); }`,
};

/** Surfaces, lit from both sides. */
export const surface_shader = {
  vertex: `
    attribute vec3 colour;
    varying vec3 tint, side, seen;
    void main() {
      vec4 place = modelViewMatrix * vec4(position, 1.0);
      side = normalMatrix * normal;
      tint = colour;
      seen = place.xyz;
      gl_Position = projectionMatrix * place;
    }`,
  fragment: `
    ${light}
    varying vec3 tint, side, seen;
    void main() {
      vec3 normal = normalize(side);
      vec3 facing = dot(normal, seen) > 0.0 ? -normal : normal;
      float edge = 1.0 - abs(dot(facing, normalize(seen)));
      vec3 colour = lit(tint, facing, -seen.z);
      gl_FragColor = vec4(colour * (1.0 - 0.45 * edge * edge * edge), 1.0);
    }`,
};
