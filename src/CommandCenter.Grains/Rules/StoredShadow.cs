using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A shadow run as the book keeps it. What follows from time (that it has ended) and from the streets (that it failed) is not stored until it is put away.</summary>
/// <param name="Result">What is kept of one that was put away.</param>
internal sealed record StoredShadow(RuleShadow Shadow, ShadowComparison? Result);
