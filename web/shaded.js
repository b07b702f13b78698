// Materials of the 3D views: a shader that knows the page's colours and where its stage fades.
import { Color, DoubleSide, ShaderMaterial } from "three";

/** A material of a shader of shaders.js, in `stage`. */
export function shaded(stage, { vertex, fragment }, uniforms) {
  const paper = new Color();
  const ring = new Color();
  stage.colour_as(paper, "--paper");
  stage.colour_as(ring, "--series-2");
  return new ShaderMaterial({
    vertexShader: vertex,
    fragmentShader: fragment,
    side: DoubleSide,
    uniforms: { ...uniforms, paper: { value: paper }, ring: { value: ring }, fade: { value: stage.fade } },
  });
}
