using Xunit;

namespace Escapement.Triggers.PropertyTests;

public sealed class MachineZoneTests
{
    [Fact]
    public void Have_the_offsets_of_the_system_from_1970_to_2037()
    {
        List<string> wrong = [];
        foreach (var zone in MachineZones.All)
        {
            for (var at = MachineZones.Begin; at < MachineZones.End; at += 13 * 3600) Compare(zone, at);
            foreach (var change in zone.Changes)
            {
                Compare(zone, change.Start - 1);
                Compare(zone, change.Start);
            }
        }

        Assert.Empty(wrong);
        Assert.True(MachineZones.All.Count > 300, $"{MachineZones.All.Count} zones are not the zones of the world.");

        void Compare(MachineZone zone, long unixSeconds)
        {
            var at = DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
            // Monrovia was 44 minutes and 30 seconds behind until 1972. Escapement and .NET round to whole minutes.
            if (zone.System.GetUtcOffset(at) != zone.Clock.OffsetAt(at) && wrong.Count < 20)
            {
                wrong.Add($"{zone} {at:u}: {zone.Clock.OffsetAt(at)}, by the system {zone.System.GetUtcOffset(at)}");
            }
        }
    }
}
