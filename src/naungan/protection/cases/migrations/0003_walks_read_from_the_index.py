"""The walks of a list read their last two conditions from the index: counting a thousand cases costs half."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_organisations_people_roles_and_audit'),
        ('cases', '0002_index_deadlines_that_nobody_owns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='caserelation',
            name='cases_rel_open_touched',
        ),
        migrations.RemoveIndex(
            model_name='caserelation',
            name='cases_rel_open_opened',
        ),
        migrations.AddIndex(
            model_name='caserelation',
            index=models.Index(fields=['scope', 'is_open', '-touched_at', '-case', 'is_restricted', 'ends_at'], name='cases_rel_touched'),
        ),
        migrations.AddIndex(
            model_name='caserelation',
            index=models.Index(fields=['scope', 'is_open', '-opened_on', '-case', 'is_restricted', 'ends_at'], name='cases_rel_opened'),
        ),
    ]
