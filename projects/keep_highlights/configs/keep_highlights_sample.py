_base_ = [__import__("mmlle") and "mmlle::sgz/sgz_sample.py"]

# Registers the model. The package has to be where Python finds it: installed, or on PYTHONPATH.
custom_imports = dict(imports=["keep_highlights"])

model = dict(type="HighlightSGZ", burning_weight=10)
