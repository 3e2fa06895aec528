package assets

// Icon names one of the embedded icons. The zero value is no icon.
type Icon string

// The icons: bold outlines for pages and actions, filled ones for states.
const (
	IconArrowCounterClockwise Icon = "arrow-counter-clockwise-bold"
	IconArrowRight            Icon = "arrow-right-bold"
	IconArrowsLeftRight       Icon = "arrows-left-right-bold"
	IconBed                   Icon = "bed-bold"
	IconBell                  Icon = "bell-bold"
	IconCaretDown             Icon = "caret-down-bold"
	IconCaretDownFill         Icon = "caret-down-fill"
	IconCaretLeft             Icon = "caret-left-bold"
	IconCaretRight            Icon = "caret-right-bold"
	IconCaretUp               Icon = "caret-up-bold"
	IconCaretUpFill           Icon = "caret-up-fill"
	IconCheck                 Icon = "check-bold"
	IconCheckCircle           Icon = "check-circle-fill"
	IconClockCountdown        Icon = "clock-countdown-fill"
	IconClock                 Icon = "clock-fill"
	IconCloudArrowUp          Icon = "cloud-arrow-up-fill"
	IconCloudCheck            Icon = "cloud-check-fill"
	IconCloudSlash            Icon = "cloud-slash-fill"
	IconDesktop               Icon = "desktop-bold"
	IconDotsThreeCircle       Icon = "dots-three-circle-bold"
	IconEye                   Icon = "eye-fill"
	IconFlask                 Icon = "flask-bold"
	IconFunnel                Icon = "funnel-bold"
	IconGear                  Icon = "gear-bold"
	IconGitDiff               Icon = "git-diff-bold"
	IconHandPalm              Icon = "hand-palm-bold"
	IconHourglassMedium       Icon = "hourglass-medium-bold"
	IconIdentificationCard    Icon = "identification-card-bold"
	IconInfo                  Icon = "info-fill"
	IconKeyboard              Icon = "keyboard-bold"
	IconList                  Icon = "list-bold"
	IconListChecks            Icon = "list-checks-bold"
	IconLock                  Icon = "lock-bold"
	IconMagnifyingGlass       Icon = "magnifying-glass-bold"
	IconMinus                 Icon = "minus-bold"
	IconMoon                  Icon = "moon-bold"
	IconNotePencil            Icon = "note-pencil-bold"
	IconPencilSimple          Icon = "pencil-simple-fill"
	IconPersonSimpleWalk      Icon = "person-simple-walk-fill"
	IconPhoneCall             Icon = "phone-call-bold"
	IconPlus                  Icon = "plus-bold"
	IconPrinter               Icon = "printer-bold"
	IconProhibit              Icon = "prohibit-fill"
	IconPulse                 Icon = "pulse-bold"
	IconQuestion              Icon = "question-bold"
	IconShieldCheck           Icon = "shield-check-fill"
	IconShieldWarning         Icon = "shield-warning-bold"
	IconSpeakerHigh           Icon = "speaker-high-bold"
	IconSquaresFour           Icon = "squares-four-bold"
	IconStar                  Icon = "star-bold"
	IconSun                   Icon = "sun-bold"
	IconTestTube              Icon = "test-tube-bold"
	IconUser                  Icon = "user-bold"
	IconUserCircle            Icon = "user-circle-fill"
	IconUsers                 Icon = "users-bold"
	IconVirus                 Icon = "virus-fill"
	IconWarningDiamond        Icon = "warning-diamond-fill"
	IconWarning               Icon = "warning-fill"
	IconWarningOctagon        Icon = "warning-octagon-fill"
	IconX                     Icon = "x-bold"
	IconXCircle               Icon = "x-circle-fill"
)

// Icons lists every icon, in order of name.
func Icons() []Icon {
	return []Icon{
		IconArrowCounterClockwise,
		IconArrowRight,
		IconArrowsLeftRight,
		IconBed,
		IconBell,
		IconCaretDown,
		IconCaretDownFill,
		IconCaretLeft,
		IconCaretRight,
		IconCaretUp,
		IconCaretUpFill,
		IconCheck,
		IconCheckCircle,
		IconClockCountdown,
		IconClock,
		IconCloudArrowUp,
		IconCloudCheck,
		IconCloudSlash,
		IconDesktop,
		IconDotsThreeCircle,
		IconEye,
		IconFlask,
		IconFunnel,
		IconGear,
		IconGitDiff,
		IconHandPalm,
		IconHourglassMedium,
		IconIdentificationCard,
		IconInfo,
		IconKeyboard,
		IconList,
		IconListChecks,
		IconLock,
		IconMagnifyingGlass,
		IconMinus,
		IconMoon,
		IconNotePencil,
		IconPencilSimple,
		IconPersonSimpleWalk,
		IconPhoneCall,
		IconPlus,
		IconPrinter,
		IconProhibit,
		IconPulse,
		IconQuestion,
		IconShieldCheck,
		IconShieldWarning,
		IconSpeakerHigh,
		IconSquaresFour,
		IconStar,
		IconSun,
		IconTestTube,
		IconUser,
		IconUserCircle,
		IconUsers,
		IconVirus,
		IconWarningDiamond,
		IconWarning,
		IconWarningOctagon,
		IconX,
		IconXCircle,
	}
}
