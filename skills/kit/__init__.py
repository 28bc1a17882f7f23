"""What a skill is made of. A skill file imports from here and from `skills.kit.ports`."""

from skills.kit.arguments import Arguments, Duration, InstanceRef, Part, Result
from skills.kit.declaration import Risk, Skill, skill
from skills.kit.outside import Outside

__all__ = ["Arguments", "Duration", "InstanceRef", "Outside", "Part", "Result", "Risk", "Skill", "skill"]
