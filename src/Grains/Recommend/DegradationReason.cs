namespace KgOrleans.Grains.Recommend;

/// <summary>One way in which a page can fall short (<see cref="Degradations"/>).</summary>
/// <param name="Stage">Stage of the funnel.</param>
/// <param name="Reason">Stable code, as in <c>shardTimeout</c>.</param>
/// <param name="MissesItems">Whether items that exist were not considered: such an answer cannot tell that the catalogue is at its end.</param>
internal sealed record DegradationReason(string Stage, string Reason, bool MissesItems);
