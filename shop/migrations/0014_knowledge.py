"""Articles of the knowledge base, and votes."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('shop', '0013_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.SlugField(max_length=80, verbose_name='address')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('body', models.TextField(max_length=20000, verbose_name='text')),
                ('subject', models.CharField(choices=[('choose', 'How to choose'), ('use', 'Use and safety'), ('order', 'Ordering'), ('delivery', 'Delivery and returns'), ('invoice', 'Invoices and payment')], max_length=20, verbose_name='about')),
                ('tags', models.CharField(blank=True, help_text='Words people search for, with commas between them.', max_length=200, verbose_name='tags')),
                ('skus', models.JSONField(blank=True, default=list, verbose_name='items')),
                ('category_erp_id', models.CharField(blank=True, max_length=64, verbose_name='category')),
                ('is_public', models.BooleanField(default=True, verbose_name='for guests too')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='published from')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'ordering': ['subject', 'title'],
                'constraints': [models.UniqueConstraint(fields=('topic', 'language'), name='article_once_in_a_language', violation_error_message='There is an article with this address in this language already.')],
            },
        ),
        migrations.CreateModel(
            name='ArticleVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_helpful', models.BooleanField(verbose_name='helpful')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='shop.article', verbose_name='article')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'vote on an article',
                'verbose_name_plural': 'votes on articles',
                'constraints': [models.UniqueConstraint(fields=('article', 'person'), name='one_vote_of_a_person')],
            },
        ),
    ]
