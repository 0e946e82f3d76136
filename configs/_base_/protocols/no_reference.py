# Photographs without ground truth (DICM, LIME, MEF, NPE, VV): NIQE (Mittal et al., IEEE SPL 2013), as Jiang
# et al. (EnlightenGAN, TIP 2021) report it on them, and LOE against the input (Wang et al., TIP 2013), with
# the local maxima of the program in use (github.com/csjunxu/STAR-TIP2020, metrics/LOE.m); lower is better.
# Faithfulness is this project's: what an enhancement changes that it should not.
protocol = "no_reference"
val_evaluator = [dict(type="NIQE"), dict(type="LOE"), dict(type="Faithfulness")]
test_evaluator = val_evaluator
