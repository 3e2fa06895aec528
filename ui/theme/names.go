package theme

// Token names one colour of the design language by its meaning, never by its
// hue: a screen asks for CriticalText and gets what the present theme makes of it.
type Token string

// The tokens. Each is defined for light, dark and high contrast.
const (
	Background          Token = "background"
	Surface             Token = "surface"
	SurfaceAlt          Token = "surfaceAlt"
	Hover               Token = "hover"
	Selected            Token = "selected"
	Line                Token = "line"
	LineStrong          Token = "lineStrong"
	Text                Token = "text"
	TextMuted           Token = "textMuted"
	TextDisabled        Token = "textDisabled"
	Primary             Token = "primary"
	OnPrimary           Token = "onPrimary"
	PrimaryTint         Token = "primaryTint"
	Focus               Token = "focus"
	Critical            Token = "critical"
	OnCritical          Token = "onCritical"
	CriticalText        Token = "criticalText"
	CriticalTint        Token = "criticalTint"
	High                Token = "high"
	HighTint            Token = "highTint"
	Low                 Token = "low"
	LowTint             Token = "lowTint"
	Warning             Token = "warning"
	OnWarning           Token = "onWarning"
	WarningText         Token = "warningText"
	WarningTint         Token = "warningTint"
	Info                Token = "info"
	InfoTint            Token = "infoTint"
	Ok                  Token = "ok"
	OkTint              Token = "okTint"
	Unsent              Token = "unsent"
	UnsentTint          Token = "unsentTint"
	Stale               Token = "stale"
	StaleTint           Token = "staleTint"
	Corrected           Token = "corrected"
	CorrectedTint       Token = "correctedTint"
	Preliminary         Token = "preliminary"
	DisabledFill        Token = "disabledFill"
	NewsLow             Token = "newsLow"
	OnNewsLow           Token = "onNewsLow"
	NewsLowStroke       Token = "newsLowStroke"
	NewsSingle          Token = "newsSingle"
	OnNewsSingle        Token = "onNewsSingle"
	NewsSingleStroke    Token = "newsSingleStroke"
	NewsUrgent          Token = "newsUrgent"
	OnNewsUrgent        Token = "onNewsUrgent"
	NewsUrgentStroke    Token = "newsUrgentStroke"
	NewsEmergency       Token = "newsEmergency"
	OnNewsEmergency     Token = "onNewsEmergency"
	NewsEmergencyStroke Token = "newsEmergencyStroke"
	TopBar              Token = "topBar"
	OnTopBar            Token = "onTopBar"
	OnTopBarMuted       Token = "onTopBarMuted"
	TopBarField         Token = "topBarField"
	ChartLine           Token = "chartLine"
	ChartRefBand        Token = "chartRefBand"
	ChartCritBand       Token = "chartCritBand"
	ChartGrid           Token = "chartGrid"
	Scrim               Token = "scrim"
)

// Tokens lists every colour token, in the order of the design language.
func Tokens() []Token {
	return []Token{
		Background, Surface, SurfaceAlt, Hover, Selected, Line,
		LineStrong, Text, TextMuted, TextDisabled, Primary, OnPrimary,
		PrimaryTint, Focus, Critical, OnCritical, CriticalText, CriticalTint,
		High, HighTint, Low, LowTint, Warning, OnWarning,
		WarningText, WarningTint, Info, InfoTint, Ok, OkTint,
		Unsent, UnsentTint, Stale, StaleTint, Corrected, CorrectedTint,
		Preliminary, DisabledFill, NewsLow, OnNewsLow, NewsLowStroke, NewsSingle,
		OnNewsSingle, NewsSingleStroke, NewsUrgent, OnNewsUrgent, NewsUrgentStroke, NewsEmergency,
		OnNewsEmergency, NewsEmergencyStroke, TopBar, OnTopBar, OnTopBarMuted, TopBarField,
		ChartLine, ChartRefBand, ChartCritBand, ChartGrid, Scrim,
	}
}
