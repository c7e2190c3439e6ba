namespace KgOrleans.Grains.Events;

/// <summary>What the configuration says of one event type: section <c>Kg:Events:Types:NAME</c>.</summary>
public sealed class EventTypeOptions
{
    /// <summary>Change of interest and, where it is above 0, of popularity, that an event makes: -100..100. Required of an own type.</summary>
    public double? Weight { get; set; }

    /// <summary>Own types only: the number, 10..14, that the type is stored by. It never changes.</summary>
    public int? Number { get; set; }

    /// <summary>Own types only: largest <c>value</c> of an event, 0..1,000,000; 0, the default, for a type without values.</summary>
    public double? MaxValue { get; set; }

    /// <summary>Own types only: value of an event that is sent without one; 1, or <see cref="MaxValue"/> where that is less.</summary>
    public double? DefaultValue { get; set; }

    /// <summary>Own types only: whether the weight is multiplied by the value. False by default.</summary>
    public bool? WeightByValue { get; set; }

    /// <summary>Own types only: least value of an event that is a sign of liking; 0 by default.</summary>
    public double? LeastPositive { get; set; }

    /// <summary>Own types only: whether an event can be taken back, and counts once per user and item. True by default.</summary>
    public bool? Undo { get; set; }

    /// <summary>Own types only: whether the item leaves the user's pages for good. False by default.</summary>
    public bool? Removes { get; set; }
}
