"""What is mixup worth on handwritten digits? Three paired seeds, under half a minute.

python examples/ablate_digits.py
"""

import assay
from assay.models.convnet import ConvNet
from assay.tricks.batch.mixup import Mixup
from assay.tricks.schedule.one_cycle import OneCycle

data = assay.open_data("digits")
baseline = assay.Recipe(model=ConvNet(), batch_size=64, epochs=8)
ablation = assay.ablate(baseline, [OneCycle(), Mixup(alpha=0.2)], assay.measure_on(data), seeds=range(3))

for finding in ablation.report.findings:
    print(finding.summary)
for result in ablation.results:
    effect = result.effect
    print(f"{result.name}: {effect.estimate:+.4f} [{effect.low:+.4f}, {effect.high:+.4f}], {effect.verdict}")
