import torch


def test_a_step_changes_all_networks_and_leaves_no_trace(build, images, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cuda = torch.cuda.is_available(), torch.nn.Module.cuda, torch.nn.DataParallel
    original = build("enlightengan")
    assert (torch.cuda.is_available(), torch.nn.Module.cuda, torch.nn.DataParallel) == cuda
    assert capsys.readouterr().out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["enlightengan"]
    batch = images("img", "darkened", "normal")
    losses = original.losses(batch)
    assert losses["loss"] > losses["loss_disc_global"] + losses["loss_disc_local"]
    networks = (original.model.netG_A, original.model.netD_A, original.model.netD_P)
    before = [[weight.detach().clone() for weight in network.parameters()] for network in networks]
    original.train_step(batch)
    for network, weights in zip(networks, before, strict=True):
        changes = [(a - b).abs().max() for a, b in zip(network.parameters(), weights, strict=True)]
        assert 0 < max(changes) < 1.01e-4
