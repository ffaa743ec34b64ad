"""What is mixup worth on handwritten digits? Up to five paired seeds, under half a minute.

python examples/ablate_digits.py
"""

import assay
from assay.models.convnet import ConvNet
from assay.tricks.batch.mixup import Mixup
from assay.tricks.schedule.one_cycle import OneCycle

baseline = assay.Recipe(model=ConvNet(), batch_size=64, epochs=4)
study = assay.ablate(baseline, "digits", [OneCycle(), Mixup(alpha=0.2)], seeds=5)

print(study.table())
for finding in study.report.findings:
    print(finding.summary)
for effect in study.effects:
    print(f"{effect.name}: {effect.estimate:+.4f} [{effect.low:+.4f}, {effect.high:+.4f}], {effect.verdict}")
