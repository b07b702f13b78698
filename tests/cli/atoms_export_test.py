"""atoms export: trajectories for other programs, read back by a reader of this script's own."""

from kinema_cli import refused, run, run_tests

FRAMES = 3
with open("atoms.extxyz", "w", encoding="ascii") as file:
    for t in range(FRAMES):
        file.write(f'2\nLattice="4 0 0 2 5 0 0 0 9" pbc="T T F" Properties=species:S:1:pos:R:3 frame={t}\n'
                   f"N {t} 1 2\nC 0.5 {t} -1\n")


def xyz_frames(path):
    """Frames of extended XYZ by its grammar: words of the comment, rows of words."""
    with open(path, encoding="ascii") as lines:
        while count := lines.readline().strip():
            comment = lines.readline()
            yield comment, [lines.readline().split() for _ in range(int(count))]


def test_dumps_come_back_as_they_were():
    run("atoms", "export", "atoms.extxyz", "-o", "out.lammpstrj")
    done = run("atoms", "export", "out.lammpstrj", "-o", "back.extxyz", "--json").json()
    assert done["frames"] == FRAMES and done["atoms"] == 2, done
    for t, (comment, rows) in enumerate(xyz_frames("back.extxyz")):
        assert 'Lattice="4 0 0 2 5 0 0 0 9" pbc="T T F"' in comment, comment
        assert "Properties=species:S:1:pos:R:3:id:I:1" in comment and f"frame={t}" in comment
        assert rows[0][0] == "N" and [float(x) for x in rows[0][1:4]] == [t, 1, 2], rows
        assert [row[4] for row in rows] == ["0", "1"]
    assert t == FRAMES - 1


def test_one_frame_for_electronic_structure_and_lammps():
    run("atoms", "export", "atoms.extxyz", "-o", "POSCAR", "--frame", 2)
    with open("POSCAR", encoding="ascii") as file:
        lines = file.read().splitlines()
    assert lines[5].split() == ["C", "N"] and lines[6].split() == ["1", "1"]
    assert [float(x) for x in lines[8].split()] == [0.5, 2, -1]
    run("atoms", "export", "atoms.extxyz", "-o", "one.lmp", "--frame", 0)


def test_what_cannot_be_done_is_refused_and_leaves_no_file():
    import os  # pylint: disable=import-outside-toplevel
    refused("atoms", "export", "atoms.extxyz", "-o", "out.vasp", says=["one frame", "--frame"])
    refused("atoms", "export", "atoms.extxyz", "-o", "out.pdb", says="no format of atoms")
    refused("atoms", "export", "atoms.extxyz", "-o", "x.xyz", "--frame", 3, says="holds 3 frames")
    refused("atoms", "export", "none.xyz", "-o", "x.xyz", says="no such file")
    with open("bad.xyz", "w", encoding="ascii") as file:
        file.write("2\n\nC 0 0 0\nC 0 zero 0\n")
    refused("atoms", "export", "bad.xyz", "-o", "x.xyz", says="bad.xyz: line 4: pos is 'zero'")
    assert not [name for name in os.listdir() if name.startswith(("x.", "out.vasp", "out.pdb"))]


run_tests(globals())
