_base_ = [__import__("mmlle") and "mmlle::sgz/sgz_sample.py"]

# Registers the model. The package has to be where Python finds it: installed, or on PYTHONPATH.
custom_imports = dict(imports=["keep_colors"])

model = dict(type="ColorfulSGZ", pale_weight=1)
