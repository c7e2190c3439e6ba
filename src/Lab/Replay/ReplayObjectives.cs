using KgOrleans.Ranking.Events;

namespace KgOrleans.Lab.Replay;

/// <summary>Which events make an objective's label 1.</summary>
internal sealed class ReplayObjectives
{
    private readonly EventType[] _types;

    /// <summary>Objectives are named after event types. Throws <see cref="ArgumentException"/> for any other name.</summary>
    public ReplayObjectives(IReadOnlyList<string> names)
    {
        Names = names;
        _types = [.. names.Select(name => EventTypes.All.FirstOrDefault(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Type
            ?? throw new ArgumentException($"objective {name} is no type of event"))];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Sets the labels that an event of the item makes true, or that an undo makes false again. A play counts when it is a valid play.</summary>
    public void Apply(UserEvent e, byte[] labels)
    {
        for (var k = 0; k < _types.Length; k++)
        {
            if (e.Type == _types[k] && (e.Type != EventType.Play || e.Value >= EventTypes.ValidPlay))
                labels[k] = e.IsUndo ? (byte)0 : (byte)1;
        }
    }
}
