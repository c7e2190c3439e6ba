namespace KgOrleans.Grains;

/// <summary>Collects what is wrong with the configuration, each error with the name of its setting.</summary>
internal sealed class SettingChecks
{
    private readonly List<string> _errors = [];

    /// <summary>The errors so far, in the order of the checks.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Checks that a number lies within bounds, both included.</summary>
    /// <param name="setting">Full name of the setting.</param>
    /// <param name="value">Its value.</param>
    /// <param name="least">Smallest value allowed.</param>
    /// <param name="most">Largest value allowed.</param>
    /// <param name="allowed">How to say what is allowed; null for "least..most".</param>
    public void Range(string setting, long value, long least, long most, string? allowed = null)
    {
        if (value < least || value > most)
            Add(setting, $"is {value}, it must be {allowed ?? $"{least}..{most}"}");
    }

    /// <summary>Adds an error.</summary>
    /// <param name="setting">Full name of the setting.</param>
    /// <param name="error">What is wrong, as it reads after the name.</param>
    public void Add(string setting, string error) => _errors.Add($"{setting} {error}");
}
