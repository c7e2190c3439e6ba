namespace KgOrleans.Ranking.Keys;

/// <summary>Marks a member that the service itself writes. <see cref="InputJson"/> refuses it like an unknown one.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotInputAttribute : Attribute;
